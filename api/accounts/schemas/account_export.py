"""The file of an export."""

FILE_CONTENT = {
    "schema": {
        "type": "object",
        "description": "Rows by what they are about.",
        "additionalProperties": {"type": "array", "items": {"type": "object"}},
    },
    "example": {"account": [{"username": "alice", "email": "alice@example.com"}], "wallets": []},
}
