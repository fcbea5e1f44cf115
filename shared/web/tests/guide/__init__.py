"""Pages with real content that show every part: what the browser tests look at. Not part of the product."""
