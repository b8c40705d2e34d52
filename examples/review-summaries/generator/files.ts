import { stringify } from 'csv-stringify/sync';
import { seededRandom, type SeededRandom } from '../../../src/domain/statistics/random.js';
import { domains, type Domain } from './aspects.js';
import { drawItem, drawLanguages, type Item, type ShopReview } from './items.js';
import { writtenSummary } from './summaries.js';

const seed = 20_260_301;
const counts = { shop: 14, training: 220, golden: 40, users: 300, later: { training: 60, golden: 40 } };
/** The domain of which there are more summaries and cases by the second release. */
const renewed = 'electronics';
const reviewColumns: readonly (keyof ShopReview)[] = [
  ...(['review_id', 'product_id', 'created_at', 'star_rating', 'title', 'text'] as const),
  ...(['helpful_votes', 'verified', 'category', 'language'] as const),
];

const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Numbers of items differ between shop, training and golden set, so that no product is in two of them. */
function drawItems({
  domain,
  count,
  first,
  random,
}: {
  domain: Domain;
  count: number;
  first: number;
  random: SeededRandom;
}): Item[] {
  return Array.from({ length: count }, (_, index) =>
    drawItem({ domain, number: first + index, reviews: 3 + random.index(9), spoken: drawLanguages(random), random }),
  );
}

/** A product with a single review, and one with many in one language: a batch meets both. */
function unusualItems(random: SeededRandom): Item[] {
  return [
    drawItem({ domain: 'home', number: 901, reviews: 1, spoken: ['sv'], random }),
    drawItem({ domain: 'fashion', number: 902, reviews: 120, spoken: ['pt'], random }),
  ];
}

const trainingRow = (item: Item, index: number) => {
  const { question, answer } = writtenSummary(item);
  return {
    ...{ ticket_id: `S-${item.domain}-${index + 1}`, customer_id: item.id, customer_query: question },
    ...{ agent_response: answer, category: item.domain, resolved: 'true', rating: '5', language: 'en' },
  };
};

const goldenCase = (item: Item) => {
  const { question, answer, topics } = writtenSummary(item);
  return {
    ...{ id: item.id, input: question, reference: answer, cluster: item.id },
    tags: { category: item.domain, language: 'en' },
    expectedTopics: topics,
    expected: { format: ['json'] },
    ...{ source: 'written for evaluation', reviewer: 'a.lindqvist', date: '2026-02-20' },
  };
};

const trainingFile = (items: readonly Item[]): string => stringify(items.map(trainingRow), { header: true });

/** Every generated file of the example, by its path in it. The same on every machine. */
export function exampleFiles(): ReadonlyMap<string, string> {
  const random = seededRandom(seed);
  const files = new Map<string, string>();
  const shop: Item[] = [];
  const traffic: object[] = [];
  const drawn = new Map<Domain, { training: Item[]; golden: Item[] }>();
  for (const domain of domains) {
    shop.push(...drawItems({ domain, count: counts.shop, first: 1, random }));
    const training = drawItems({ domain, count: counts.training, first: 1001, random });
    const golden = drawItems({ domain, count: counts.golden, first: 5001, random });
    drawn.set(domain, { training, golden });
    files.set(`data/summaries-${domain}.csv`, trainingFile(training));
    files.set(`golden/${domain}.jsonl`, jsonl(golden.map(goldenCase)));
    for (const [index, item] of drawItems({ domain, count: counts.users, first: 8001, random }).entries())
      traffic.push({
        ...{ user: `U-${index + 1}`, query: writtenSummary(item).question, model: `review-summaries.${domain}` },
      });
  }
  shop.push(...unusualItems(random));
  // Drawn last, so that nothing else is drawn otherwise for it.
  const { training, golden } = drawn.get(renewed)!;
  training.push(...drawItems({ domain: renewed, count: counts.later.training, first: 3001, random }));
  golden.push(...drawItems({ domain: renewed, count: counts.later.golden, first: 6001, random }));
  files.set(`data/summaries-${renewed}-2.csv`, trainingFile(training));
  files.set(`golden/${renewed}-2.jsonl`, jsonl(golden.map(goldenCase)));
  const reviews = shop.flatMap((item) => item.reviews);
  files.set('data/traffic.jsonl', jsonl(traffic));
  files.set('data/reviews.csv', stringify(reviews, { header: true, columns: [...reviewColumns] }));
  return files;
}
