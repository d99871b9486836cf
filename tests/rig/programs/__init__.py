"""Small programs that run in the guest, on the libraries that the station's drivers use."""
