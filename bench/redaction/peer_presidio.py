"""Presidio's analyzer on rows of JSON lines {text, language}: how long it takes and what it finds.

It runs Presidio's pattern recognisers over blank spaCy pipelines (a tokenizer and nothing else), one language each, so
that no trained model is needed; names and places, which need one, are left out. Phone numbers are looked for with the
numbering plans of the countries that the labelled sets come from, and the own patterns are the same.
"""

import json
import resource
import sys
import time

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
)

LANGUAGES = ["en", "de", "fr", "es", "it", "nl"]
REGIONS = ["US", "GB", "DE", "FR", "ES", "IT", "NL", "AT", "CH", "BE", "IE", "CA", "MX"]
TYPES = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "ORDER_ID": "ORDER_ID",
    "CUSTOMER_ID": "CUSTOMER_ID",
}


class BlankNlpEngine(SpacyNlpEngine):
    """A tokenizer for each language and no model."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": language, "model_name": "blank"} for language in LANGUAGES])
        self.nlp = {language: spacy.blank(language) for language in LANGUAGES}


def build_analyzer(own_patterns: list[dict[str, str]]) -> AnalyzerEngine:
    registry = RecognizerRegistry(supported_languages=LANGUAGES)
    for language in LANGUAGES:
        for recognizer in (CreditCardRecognizer, EmailRecognizer, IbanRecognizer, IpRecognizer):
            registry.add_recognizer(recognizer(supported_language=language))
        registry.add_recognizer(PhoneRecognizer(supported_language=language, supported_regions=REGIONS))
        for own in own_patterns:
            registry.add_recognizer(
                PatternRecognizer(
                    supported_entity=own["type"],
                    supported_language=language,
                    patterns=[Pattern(name=own["type"], regex=own["pattern"], score=1.0)],
                )
            )
    return AnalyzerEngine(registry=registry, nlp_engine=BlankNlpEngine(), supported_languages=LANGUAGES)


def without_overlaps(results: list) -> list[dict]:
    """The surer one of two that overlap, then the longer: what the anonymizer would replace."""
    kept: list = []
    for result in sorted(results, key=lambda one: (-one.score, one.start - one.end)):
        if all(result.end <= one.start or result.start >= one.end for one in kept):
            kept.append(result)
    return [{"type": TYPES[one.entity_type], "start": one.start, "end": one.end} for one in kept]


def main() -> None:
    # The snapshot of top-level domains in the package: nothing is fetched.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    analyzer = build_analyzer(task["patterns"])
    rows = task["rows"]
    for row in rows[:50]:
        analyzer.analyze(text=row["text"], language=row["language"], entities=list(TYPES))
    begun = time.perf_counter()
    found = [analyzer.analyze(text=row["text"], language=row["language"], entities=list(TYPES)) for row in rows]
    seconds = time.perf_counter() - begun
    peak_megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    spans = [without_overlaps(results) for results in found]
    json.dump({"seconds": seconds, "peakMegabytes": peak_megabytes, "found": spans}, sys.stdout)


if __name__ == "__main__":
    main()
