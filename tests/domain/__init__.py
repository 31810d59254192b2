"""The rules, each as values in and values out."""
