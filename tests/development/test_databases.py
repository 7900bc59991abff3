"""A test database can be dropped while other processes use it."""

import pytest

from dev.setup import databases

from ..helpers.odoo_server import wait_until

# Autovacuum is slowed down, so that it is still in the database when it is dropped.
CREATE_TABLE = """
    CREATE TABLE filled (number int) WITH (
        autovacuum_analyze_threshold = 0,
        autovacuum_vacuum_cost_delay = 100,
        autovacuum_vacuum_cost_limit = 1,
        autovacuum_vacuum_threshold = 0
    );
    INSERT INTO filled SELECT generate_series(1, 200000);
    DELETE FROM filled WHERE number % 2 = 0;
"""


@pytest.fixture
def name():
    name = databases.new_name("drop")
    with databases.held(name):
        databases.create(name)
        try:
            yield name
        finally:
            databases.drop(name)


def has_autovacuum(name):
    """Tell whether autovacuum is in a database: a process that belongs to no role."""
    with databases.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND usename IS NULL",
            [name],
        )
        return bool(cursor.fetchall())


def test_drop_a_database_with_an_open_session(name):
    with databases.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        databases.drop(name)
    assert name not in databases.names()


def test_drop_a_database_during_autovacuum(name):
    with databases.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute(CREATE_TABLE)
    wait_until(lambda: has_autovacuum(name), 180)  # it starts each minute
    databases.drop(name)
    assert name not in databases.names()


def test_drop_ends_no_session_of_another_database(name):
    with databases.connect() as connection, connection.cursor() as cursor:
        databases.drop(name)
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == [(1,)]


def test_drop_a_database_that_is_gone(name):
    databases.drop(name)
    databases.drop(name)
