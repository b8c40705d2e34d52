import type { SeededRandom } from '../../../src/domain/statistics/random.js';
import { aspectsOf, languages, productKinds, type Aspect, type Domain, type Language } from './aspects.js';

/** A review as the shop exports it; every value as the CSV holds it. */
export interface ShopReview {
  review_id: string;
  product_id: string;
  created_at: string;
  star_rating: string;
  title: string;
  text: string;
  helpful_votes: string;
  verified: string;
  category: Domain;
  language: Language;
}

export interface Item {
  id: string;
  domain: Domain;
  /** What most buyers say of each aspect that they speak of. */
  pros: Aspect[];
  cons: Aspect[];
  reviews: ShopReview[];
}

const dayMilliseconds = 86_400_000;
const firstDay = Date.UTC(2026, 0, 5);

const pick = <Value>(values: readonly Value[], random: SeededRandom): Value => values[random.index(values.length)]!;

function shuffled<Value>(values: readonly Value[], random: SeededRandom): Value[] {
  const rest = [...values];
  return values.map(() => rest.splice(random.index(rest.length), 1)[0]!);
}

/**
 * An item with its reviews: one to three aspects that buyers agree about, said in the languages of those who say it. A
 * review praises or blames one aspect, or one of each.
 */
export function drawItem({
  domain,
  number,
  reviews: count,
  spoken,
  random,
}: {
  domain: Domain;
  number: number;
  reviews: number;
  /** Languages that its buyers write in. */
  spoken: readonly Language[];
  random: SeededRandom;
}): Item {
  const id = `${pick(productKinds[domain], random)}-${number}`;
  const aspects = shuffled(aspectsOf(domain), random);
  const praised = 1 + random.index(2);
  const pros = aspects.slice(0, praised);
  const cons = aspects.slice(praised, praised + 1 + random.index(2));
  const reviews = Array.from({ length: count }, (_, index): ShopReview => {
    const language = pick(spoken, random);
    const praises = index % 2 === 0;
    const aspect = praises ? pros[(index / 2) % pros.length]! : cons[((index - 1) / 2) % cons.length]!;
    return {
      review_id: `${id}-r${index + 1}`,
      product_id: id,
      created_at: new Date(firstDay + random.index(300) * dayMilliseconds).toISOString().replace('.000Z', 'Z'),
      star_rating: String(praises ? 4 + random.index(2) : 1 + random.index(2)),
      title: '',
      text: aspect.said[language][praises ? 0 : 1],
      helpful_votes: String(random.index(30)),
      verified: random.uniform() < 0.7 ? 'true' : 'false',
      ...{ category: domain, language },
    };
  });
  return { id, domain, pros, cons, reviews };
}

/** Mostly one language, sometimes all of them: shops of several countries share their reviews. */
export function drawLanguages(random: SeededRandom): readonly Language[] {
  const how = random.uniform();
  if (how < 0.25) return [pick(languages, random)];
  return how < 0.5 ? languages : shuffled(languages, random).slice(0, 2 + random.index(2));
}
