"""What chibo is measured beside: FastAPI, a checked body, one INSERT. ``python -m bench.bare URL PORT``."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request

from services.meetings.api.bodies import StatementBody
from shared.database import open_pool
from shared.settings import Settings

TABLE = "CREATE TABLE IF NOT EXISTS plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data text NOT NULL)"
INSERT = "INSERT INTO plain (data) VALUES ($1) RETURNING id"
PATH = "/statements"


def create_app(url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = await open_pool(url, name="bare", size=Settings.model_fields["pool_size"].default)
        await pool.execute(TABLE)
        app.state.pool = pool
        yield
        await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @app.post(PATH, status_code=201)
    async def record(body: StatementBody, request: Request) -> dict[str, int]:
        return {"id": await request.app.state.pool.fetchval(INSERT, body.model_dump_json())}

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_config=None, access_log=False)
