"""The published language of Relais: every event, topic and rule that more than one service must agree on.

Depends on pydantic only; knows no service, no driver, no clock."""
