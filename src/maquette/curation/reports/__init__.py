"""Reports: from very many posts to the few that matter to one person, and what their replies teach.

Pure: posts and what was taught are handed in; nothing here reads a store or asks a model.
"""
