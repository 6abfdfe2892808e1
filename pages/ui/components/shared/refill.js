// Puts other children into a group of buttons. Who uses the keyboard stays at the same place: a button that leaves the
// page takes the focus with it.
function refill(group, ...children) {
  const buttons = () => [...group.querySelectorAll("button")];
  const at = buttons().indexOf(group.getRootNode().activeElement);
  group.replaceChildren(...children);
  if (at >= 0) buttons()[at]?.focus({ preventScroll: true });
}
