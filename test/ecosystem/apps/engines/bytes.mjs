/** A handler of Piscina in an ES module. Returns the bytes that were moved to it. */
export default ({ bytes }) => new Uint8Array(bytes);
