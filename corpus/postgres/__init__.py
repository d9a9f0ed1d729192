"""The library in a PostgreSQL database with pgvector; the only folder that imports psycopg."""
