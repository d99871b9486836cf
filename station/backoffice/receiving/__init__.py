"""From a message at the broker to a row in the store, and the requests for what is missing."""
