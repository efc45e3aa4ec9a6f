"""Puts the demo shops into the database, through the services that the API uses."""
