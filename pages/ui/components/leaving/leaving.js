// The browser goes to another page by its own link there, so that its history grows by one step. What the server
// would do instead adds two, and the one between is an address that nobody was at.
export default function ({ data, setTriggerValue }) {
  const link = linkTo(data.page);
  if (link) link.click();
  else setTriggerValue("lost", data.page);
}
