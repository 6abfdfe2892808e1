// The numbers of the map, fetched once for each address: same address, same content.

const fetched = new Recent(12);

// Rejects when the server no longer holds it; an unknown address answers with a page, so the length is checked too.
function fetchBytes(url, least) {
  return fetched.get(url, () => {
    const loading = fetch(new URL(url, document.baseURI)).then(async (answer) => {
      const bytes = answer.ok ? await answer.arrayBuffer() : null;
      if (!bytes || bytes.byteLength < least || answer.headers.get("content-type")?.startsWith("text/html")) {
        throw new Error("no longer held");
      }
      return bytes;
    });
    loading.catch(() => fetched.forget(url));
    return loading;
  });
}

async function fetchPlaces(url, count) {
  return new Float32Array(await fetchBytes(url, 8 * count), 0, 2 * count);
}

async function fetchFacts(url, count) {
  const bytes = await fetchBytes(url, 13 * count);
  const words = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 13 * count)));
  return {
    ...words,
    confidence: new Float32Array(bytes, 0, count),
    label: new Int32Array(bytes, 4 * count, count),
    prediction: new Int32Array(bytes, 8 * count, count),
    outcome: new Uint8Array(bytes, 12 * count, count), // 0 right, 1 wrong, 2 not known
  };
}

// {shades, own}: what colours each row, and by row what its card tells where its group is one of many values.
async function fetchShades(colour, count) {
  const groups = colour.kind === "groups";
  const bytes = await fetchBytes(colour.url, (groups ? 2 : 4) * count);
  if (!groups) return { shades: new Float32Array(bytes, 0, count), own: {} };
  const own = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 2 * count)));
  return { shades: new Int16Array(bytes, 0, count), own };
}

async function fetchSheet(url) {
  const answer = await fetch(new URL(url, document.baseURI));
  if (!answer.ok) throw new Error("no longer held");
  return createImageBitmap(await answer.blob());
}

// One bit a row, the lowest first.
function packRows(marks) {
  const bytes = new Uint8Array(Math.ceil(marks.length / 8));
  for (let row = 0; row < marks.length; row++) if (marks[row]) bytes[row >> 3] |= 1 << (row & 7);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function unpackRows(text, count) {
  const marks = new Uint8Array(count);
  const bytes = atob(text);
  for (let row = 0; row < count && row >> 3 < bytes.length; row++) marks[row] = (bytes.charCodeAt(row >> 3) >> (row & 7)) & 1;
  return marks;
}
