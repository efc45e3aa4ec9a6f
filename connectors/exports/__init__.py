"""Orders, customers and products as CSV, written while it is read: `export_start` answers with the pieces."""
