"""The page and the API as the local network finds them by itself (mDNS, DNS-SD)."""
