"""The page: what a person sees in a browser, made on the server from what the API says."""
