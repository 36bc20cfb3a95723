"""What the tools that read and write files do with text: no tool itself."""
