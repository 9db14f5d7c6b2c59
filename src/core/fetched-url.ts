/** What may be fetched over the network: `https`, and `http` within this machine alone, where nobody can change what is on its way. */

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

/** Why a URL is not one to fetch, as the end of a sentence that begins with it; undefined where it is. */
export function urlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || /[\s\\]/.test(text)) return 'is not a URL like https://example.com/openapi.yaml';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is not possible; possible: https://, and http:// on loopback';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'is not safe: http:// is possible on loopback only, else https://';
  if (url.username !== '' || url.password !== '') return 'has credentials';
  if (text.includes('#')) return 'has a fragment';
  if (url.port === '0') return 'has port 0';
  return undefined;
}
