"""HTTP: suggestions, concepts, the page and the desk (the only imports of FastAPI, Starlette and uvicorn)."""
