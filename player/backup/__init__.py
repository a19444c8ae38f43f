"""What a player knows, in one file: made, checked, put back, and made again every night."""
