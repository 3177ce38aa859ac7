const BRACKETED_DOT = /[[({<] ?(?:\.|dot|punkt|punto|point|точка) ?[\])}>]|\[\.|\.\]|\\\./giu;
const BRACKETED_COLON = /[[({<] ?(:(?:\/\/)?|\/{1,2}) ?[\])}>]/g;
// A word of its own only before what nearly always is a domain: "the dot in the middle" is none.
const SPELT_DOT =
  /(?<=[\p{L}\p{N}])(?:\s{1,3}(?:dot|punkt|punto|point|точка)\s{1,3}|\s\.\s?)(?=(?:com|net|org|info|biz|io|co|ru|cn|de|uk|eu|xyz|top|online|site|shop|club|app|dev|me)(?![\p{L}\p{N}]))/giu;

/** Puts together what was taken apart so that programs do not see an address: `evil[.]com`, `http[:]//`, `evil dot com`. Linear. */
export function refanged(text: string): string {
  return text.replace(BRACKETED_DOT, '.').replace(BRACKETED_COLON, '$1').replace(SPELT_DOT, '.');
}
