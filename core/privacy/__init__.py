"""What the platform holds about one person, and how it goes.

Each room registers what it keeps (`registry`); texts that were stored whole, like webhook bodies, are recognised by
who is told of in them (`identity`). `orders.services.privacy` puts it to work.
"""
