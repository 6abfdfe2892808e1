// The browser goes to another page by its own link there, so that its history grows by one step. What the server
// would do instead adds two, and the one between is an address that nobody was at.
export default function ({ data, setTriggerValue }) {
  const links = [...document.querySelectorAll('[data-testid="stSidebar"] a')];
  // as it is written: the first page's link is empty, and would stand for whichever page is open
  const link = links.find((each) => each.getAttribute("href")?.split("?")[0].split("/").pop() === data.page);
  if (link) link.click();
  else setTriggerValue("lost", data.page);
}
