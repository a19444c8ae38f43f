// The words of the dialog "pin" hold for as long as is chosen there.

const form = document.getElementById("pin-form");

function choose() {
  const lasting = new FormData(form).get("lasting");
  for (const button of form.querySelectorAll("button[data-command]")) {
    const fields = JSON.parse(button.dataset.fields);
    delete fields.lasting;
    button.dataset.fields = JSON.stringify(lasting ? { ...fields, lasting } : fields);
  }
}

form.addEventListener("change", choose);
form.addEventListener("reset", () => setTimeout(choose));
choose();
