// A field that is shown again with what was typed gets the caret behind it, where the typing goes on.
const field = document.querySelector("input[autofocus][type=text]");
field?.setSelectionRange(field.value.length, field.value.length);
