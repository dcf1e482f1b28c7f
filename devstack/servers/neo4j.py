"""Neo4j Community as a library behind a launcher of twenty lines; its own launcher is not published."""

from pathlib import Path

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from devstack.cache import cached
from devstack.maven import fetched_jars, pom_version
from devstack.ports import HOST
from devstack.programs import get_program
from devstack.servers.server import Server, Site

FOLDER = Path(__file__).parents[1] / "neo4j"
POM = FOLDER / "pom.xml"
LAUNCHER = FOLDER / "GraphServer.java"
USER = "neo4j"
FIRST_PASSWORD = "neo4j"  # noqa: S105  # what every new Neo4j has; replaced before anything else happens
# Half the work for a start and for the first minutes; slower code after them.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.lang")


class Neo4j(Server):
    name = "neo4j"
    title = "Neo4j"
    fetched_how = "downloading Neo4j"
    replaced_by = "DECODE_NEO4J_URL"
    port_names = ("neo4j",)
    # `javac` shows that this is a JDK, which can run the launcher from source, and not only a runtime.
    runs_with = ("java", "javac")
    fetched_with = ("mvn",)
    deadline = 120
    patience = 20

    def __init__(self, *, heap_mb: int = 512, page_cache_mb: int = 128, is_short_lived: bool = False) -> None:
        """Take the memory limits in MB; the defaults suffice for tests. A short-lived one starts in half the time."""
        self._heap_mb = heap_mb
        self._page_cache_mb = page_cache_mb
        self._compiler = SHORT_LIVED if is_short_lived else ()

    def find(self) -> Path | None:
        return cached(_key())

    def fetch(self) -> Path:
        return fetched_jars(_key(), pom=POM, title=self.title)

    def command(self, program: Path, site: Site) -> list[str]:
        java = get_program("java", wanted_by=self.title)
        return [
            *(str(java), "-Xms256m", f"-Xmx{self._heap_mb}m", *self._compiler),
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
            *("-cp", f"{program}/lib/*", str(LAUNCHER)),
            *(str(site.data), str(site.ports["neo4j"]), str(self._page_cache_mb)),
        ]

    def settle(self, program: Path, site: Site) -> bool:
        password = site.keys["DECODE_NEO4J_PASSWORD"]
        try:
            return _can_sign_in(site, password) or _set_password(site, password)
        except (DriverError, Neo4jError):
            return False

    def url(self, site: Site) -> str:
        return f"bolt://{HOST}:{site.ports['neo4j']}"

    def settings(self, site: Site) -> dict[str, str]:
        return {
            "DECODE_NEO4J_URL": self.url(site),
            "DECODE_NEO4J_USER": USER,
            "DECODE_NEO4J_PASSWORD": site.keys["DECODE_NEO4J_PASSWORD"],
        }


def _key() -> str:
    return f"neo4j-{pom_version(POM)}"


def _driver(site: Site, password: str) -> Driver:
    url = f"bolt://{HOST}:{site.ports['neo4j']}"
    return GraphDatabase.driver(url, auth=(USER, password), connection_timeout=2, max_transaction_retry_time=0)


def _can_sign_in(site: Site, password: str) -> bool:
    try:
        with _driver(site, password) as driver:
            driver.execute_query("RETURN 1")
    except AuthError:
        return False
    return True


def _set_password(site: Site, password: str) -> bool:
    # Three refused sign-ins lock the user for 5 s, so this is tried once per round, after the kept password.
    with _driver(site, FIRST_PASSWORD) as driver, driver.session(database="system") as session:
        session.run(
            "ALTER CURRENT USER SET PASSWORD FROM $first TO $kept", first=FIRST_PASSWORD, kept=password
        ).consume()
    return True
