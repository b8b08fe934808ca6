"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import settings

# On a busy machine an example takes as long as the others let it.
settings.register_profile("wirebell", deadline=None)
settings.load_profile("wirebell")

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real captures beside the project; they are not ours to redistribute."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real feeds is not beside the project")
    return CORPUS
