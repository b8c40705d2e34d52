import { seededRandom } from '../../src/domain/statistics/random.js';

const openings = [
  'I bought this {thing} for my {who} last {when} and',
  'After {count} weeks of wearing the {thing}',
  'To be honest, the {thing} arrived late but',
  'My {who} loves the {thing}, although',
  'This {thing} looks nothing like the picture, and',
  'Ordered the {thing} in size {count}, and',
];
const middles = [
  'the {part} feels {quality} and the colour stayed {quality} after {count} washes',
  'the {part} came apart at the seams, which was {quality} to see',
  'it fits {quality} around the {part}, even if the {part} runs small',
  'I would call the {part} {quality} for the price of {count} euros',
  'the {part} is {quality}, the {part} less so',
];
const closings = [
  'I will order again for {who} in {when}.',
  'Sadly it went back to the shop in {when}.',
  'Would recommend it to every {who} who likes a {quality} {thing}.',
  'Number {count} on my list for {when}!',
];
const german =
  'Das Kleid passt wunderbar und der Stoff fühlt sich sehr angenehm an, auch nach der vierten Wäsche, Nummer {count}.';
const polish =
  'Sukienka jest piękna, ale materiał po pierwszym praniu stracił kolor i musiałam ją oddać do sklepu, numer {count}.';
const words: Record<string, readonly string[]> = {
  thing: ['dress', 'coat', 'jumper', 'blouse', 'skirt', 'pair of jeans', 'cardigan', 'shirt', 'jacket', 'scarf'],
  who: ['sister', 'mother', 'neighbour', 'daughter', 'friend', 'colleague', 'aunt', 'grandmother'],
  when: ['March', 'spring', 'June', 'summer', 'autumn', 'October', 'winter', 'December'],
  part: ['collar', 'hem', 'zip', 'lining', 'waist', 'sleeve', 'button row', 'pocket', 'shoulder', 'neckline'],
  quality: ['soft', 'stiff', 'lovely', 'cheap', 'solid', 'perfect', 'awkward', 'bright', 'thin', 'surprisingly good'],
};

/**
 * Made-up reviews with the dirt of real ones: markup, e-mail addresses and phone numbers, other languages, texts of a
 * word or two, one in 25 word for word the same as an earlier one and one in 25 nearly so.
 */
export function* syntheticReviews({ rows, seed }: { rows: number; seed: number }): Generator<Record<string, unknown>> {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[random.index(items.length)]!;
  const filled = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'count' ? String(2 + random.index(9_000)) : pick(words[name]!),
    );
  const sentence = (): string => filled(`${pick(openings)} ${pick(middles)}. ${pick(closings)}`);
  const recent: string[] = [];
  const textOf = (row: number): string => {
    const draw = random.uniform();
    const earlier = recent[random.index(Math.max(1, recent.length))];
    if (draw < 0.04 && earlier !== undefined) return earlier;
    if (draw < 0.08 && earlier !== undefined) return `${earlier} Thanks!`;
    if (draw < 0.1) return filled(german);
    if (draw < 0.11) return filled(polish);
    if (draw < 0.13) return pick(['Nice', 'Very good', 'aaaaaaaaaaaaaaaaaaaaaaaa']);
    if (draw < 0.15)
      return `${sentence()} Write to me at kunde.${row}@example.org or +49 30 ${1_000_000 + (row % 8_999_999)}.`;
    if (draw < 0.2) return `<p>${sentence()}</p><br>${sentence()} &amp; more`;
    return Array.from({ length: 1 + random.index(3) }, sentence).join(' ');
  };
  for (let row = 0; row < rows; row += 1) {
    const text = textOf(row);
    if (recent.length < 10_000) recent.push(text);
    else recent[random.index(recent.length)] = text;
    yield {
      review_id: `R-${row}`,
      product_id: `P-${random.index(Math.max(20, Math.floor(rows / 50)))}`,
      customer_id: `C-${random.index(rows)}`,
      star_rating: 1 + random.index(5),
      title: filled('{quality} {thing}'),
      text,
      helpful_votes: random.index(12),
      verified: random.uniform() < 0.8,
      category: pick(words.thing!),
      created_at: new Date(Date.UTC(2026, 0, 1) + random.index(90) * 86_400_000).toISOString(),
    };
  }
}
