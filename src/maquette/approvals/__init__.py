"""When to ask: judged by declared effects and by how much the sandbox holds, never by a tool's name."""
