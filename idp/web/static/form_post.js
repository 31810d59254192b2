// The answer goes on by itself; without scripts, by its button.
document.querySelector("main form").submit();
