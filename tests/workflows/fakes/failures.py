"""What servers that are away, or refuse for good, look like to an activity."""

import aiosmtplib
import neo4j.exceptions
import pymongo.errors
import redis.exceptions

MONGO_AWAY = pymongo.errors.AutoReconnect("connection closed")
MONGO_REFUSES = pymongo.errors.WriteError("Document failed validation", code=121)
NEO4J_AWAY = neo4j.exceptions.ServiceUnavailable("connection refused")
NEO4J_REFUSES = neo4j.exceptions.ConstraintError("already exists")
REDIS_AWAY = redis.exceptions.ConnectionError("connection refused")
SMTP_AWAY = aiosmtplib.SMTPConnectError("connection refused")
