"""The operators' site at /platform/ and what it shows: merchants of the house, and how the house is."""
