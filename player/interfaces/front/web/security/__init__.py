"""Who may do what over the network: passwords, sessions, tokens, hosts, origins, proxies, uploads."""
