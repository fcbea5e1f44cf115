"""The house's manners over HTTP: commands with keys and versions, problems, pages of rows."""
