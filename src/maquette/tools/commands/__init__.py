"""What the tools that run commands share: no tool itself."""
