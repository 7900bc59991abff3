import psycopg2

# What no record is to blame for: the transaction, or the connection, is no good any
# more, and all of it is to be done again.
TRANSACTION_FAILED = (psycopg2.OperationalError, psycopg2.InterfaceError)
