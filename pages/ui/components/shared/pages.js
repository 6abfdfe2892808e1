// The link in the sidebar to a page, by the page's address; "" is the first page.
function linkTo(page) {
  const links = [...document.querySelectorAll('[data-testid="stSidebar"] a')];
  // as it is written: the first page's link is empty, and would stand for whichever page is open
  return links.find((each) => each.getAttribute("href")?.split("?")[0].split("/").pop() === page);
}
