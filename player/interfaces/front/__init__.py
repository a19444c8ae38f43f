"""The one process that speaks to a network: HTTP API, page and metrics. It is a client of the control socket.

process.py is the daemon's side, child.py and server.py the process, player_client.py what it knows of the
player.
"""
