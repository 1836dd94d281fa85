"""Prefect only: thin wrappers that give the steps a schedule, retries and a UI.

Nothing here may call home: these data stay on the premises. Both of Prefect's
senders are switched off before it is imported, whatever the environment says.
"""

import os

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
# Without a server Prefect starts one for the flow; on a busy machine that takes a while.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
