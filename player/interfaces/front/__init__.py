"""The one process that speaks to a network: HTTP API, page and metrics. It is a client of the control socket.

process.py is the daemon's side, child.py the process; player_client.py what the process knows of the player.
"""
