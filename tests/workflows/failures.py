"""What servers that are away, or refuse for good, look like to an activity."""

import aiosmtplib
import neo4j.exceptions
import pymongo.errors

MONGO_AWAY = pymongo.errors.AutoReconnect("connection closed")
MONGO_REFUSES = pymongo.errors.WriteError("Document failed validation", code=121)
NEO4J_AWAY = neo4j.exceptions.ServiceUnavailable("connection refused")
NEO4J_REFUSES = neo4j.exceptions.ConstraintError("already exists")
SMTP_AWAY = aiosmtplib.SMTPConnectError("connection refused")
