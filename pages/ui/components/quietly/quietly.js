// Another address for the view that is open, without a step of the browser's history. Where the address has meanwhile
// gone on in more than what is quiet, it stays.
export default function ({ data }) {
  const here = new URL(location.href);
  const wanted = new URLSearchParams(data.address);
  const steady = (values) => String(new URLSearchParams([...values].filter(([name]) => !data.quiet.includes(name))));
  if (steady(here.searchParams) !== steady(wanted) || String(here.searchParams) === String(wanted)) return;
  here.search = data.address;
  history.replaceState(history.state, "", here);
}
