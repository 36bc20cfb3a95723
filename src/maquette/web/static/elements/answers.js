// Questions answered by choosing are said as a person would write it: "yes, no, skip".
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.hasAttribute("data-answers")) return;
  form.elements.text.value = [...form.querySelectorAll("select")].map(({ value }) => value).join(", ");
});
