"""What providers over HTTP share. Only `endpoint` may be imported early: the rest loads pydantic_ai and an SDK."""
