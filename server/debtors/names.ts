/** Letters that Arabic and Persian keyboards write differently, or that people leave unmarked, by the one form used for matching. */
const LETTERS: Readonly<Record<string, string>> = {
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ٲ: 'ا',
  ٳ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ئ: 'ي',
  ې: 'ي',
  ے: 'ي',
  ؤ: 'و',
  ك: 'ک',
  ڪ: 'ک',
  ة: 'ه',
  ۀ: 'ه',
  ە: 'ه',
  ہ: 'ه',
  ھ: 'ه',
  ۃ: 'ه',
  ء: '',
  ـ: '',
};

const VARIANTS = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'gu');

/**
 * A name in the form two spellings of it share: without diacritics, tatweel, joiners, spaces and punctuation, in lower case,
 * Arabic and Persian letter variants made one. For matching and searching; the original is what people see. Folding what is
 * already folded changes nothing.
 */
export function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(VARIANTS, (letter) => LETTERS[letter] ?? letter)
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
