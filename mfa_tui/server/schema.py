"""The database's tables, as the versions that led to them.

Times are unix seconds. A user's number is internal to the database; the API uses the UUID.

Servers of two versions run on one database while an upgrade is in progress. So a version only adds (a table, an
index, a column with a default), and what the new version no longer needs is removed by the release after it.
"""

APPLICATION_ID = 0x6D666174
"""Stored in the header of an SQLite file (`mfat`), to recognise a database of another program."""

_VERSION_1 = (
    """
    CREATE TABLE environment (
        "only" INTEGER PRIMARY KEY CHECK ("only" = 1),
        id TEXT NOT NULL,
        keys_fingerprint BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE users (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        email TEXT NOT NULL UNIQUE,
        credential_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        acknowledgement TEXT CHECK (acknowledgement IN ('pending', 'complete'))
    ) STRICT
    """,
    # A used code stays until the next rotation, without its encrypted text.
    """
    CREATE TABLE recovery_codes (
        "user" INTEGER NOT NULL REFERENCES users,
        position INTEGER NOT NULL,
        lookup BLOB NOT NULL,
        sealed BLOB,
        spent_at INTEGER,
        PRIMARY KEY ("user", position),
        CHECK ((sealed IS NULL) = (spent_at IS NOT NULL))
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE totp_devices (
        id TEXT PRIMARY KEY,
        "user" INTEGER NOT NULL REFERENCES users,
        sealed BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        verified_at INTEGER,
        is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
        last_step INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    'CREATE INDEX totp_devices_by_user ON totp_devices ("user")',
    # Two registrations confirmed concurrently must not give a user two devices.
    'CREATE UNIQUE INDEX one_verified_totp_device ON totp_devices ("user") WHERE verified_at IS NOT NULL',
    """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        "user" INTEGER NOT NULL REFERENCES users,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        pending INTEGER NOT NULL CHECK (pending IN (0, 1)),
        factor TEXT NOT NULL CHECK (factor IN ('email', 'recovery', 'totp'))
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
    """
    CREATE TABLE step_up_tokens (
        id TEXT PRIMARY KEY,
        session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX step_up_tokens_by_expiry ON step_up_tokens (expires_at)",
    "CREATE INDEX step_up_tokens_by_session ON step_up_tokens (session)",
    """
    CREATE TABLE email_verifications (
        id TEXT PRIMARY KEY,
        email TEXT NOT NULL,
        digest BLOB NOT NULL,
        expires_at INTEGER NOT NULL,
        wrong INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX email_verifications_by_expiry ON email_verifications (expires_at)",
    """
    CREATE TABLE mails_sent (
        number INTEGER PRIMARY KEY,
        email TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX mails_sent_by_email ON mails_sent (email, expires_at)",
    "CREATE INDEX mails_sent_by_expiry ON mails_sent (expires_at)",
    """
    CREATE TABLE wrong_tries (
        "user" INTEGER NOT NULL REFERENCES users,
        factor TEXT NOT NULL,
        wrong INTEGER NOT NULL,
        retry_at INTEGER NOT NULL,
        PRIMARY KEY ("user", factor)
    ) STRICT, WITHOUT ROWID
    """,
)

_VERSION_2 = (
    # In PostgreSQL these names are key words. Version 1 had one program at a time, so they could be renamed at once.
    'ALTER TABLE environment RENAME COLUMN "only" TO number',
    'ALTER TABLE recovery_codes RENAME COLUMN "user" TO user_number',
    'ALTER TABLE totp_devices RENAME COLUMN "user" TO user_number',
    'ALTER TABLE sessions RENAME COLUMN "user" TO user_number',
    # Identifies the set that the session was last shown: the lookup digest of its first code.
    "ALTER TABLE sessions ADD COLUMN returned_set BLOB",
    """
    CREATE TABLE stored_responses (
        number INTEGER PRIMARY KEY,
        session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
        request_id TEXT NOT NULL,
        request BLOB NOT NULL,
        status INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        expires_at INTEGER NOT NULL,
        UNIQUE (session, request_id)
    ) STRICT
    """,
    "CREATE INDEX stored_responses_by_expiry ON stored_responses (expires_at)",
    # The text of a mail is removed when it is delivered.
    """
    CREATE TABLE outbox (
        name TEXT PRIMARY KEY,
        sealed BLOB,
        claimed_until INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # Wrong attempts, by client too. The empty client stands for all together.
    """
    CREATE TABLE attempts (
        email TEXT NOT NULL,
        factor TEXT NOT NULL,
        client TEXT NOT NULL,
        wrong INTEGER NOT NULL,
        retry_at INTEGER NOT NULL,
        passed_at INTEGER,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (email, factor, client)
    ) STRICT, WITHOUT ROWID
    """,
    "INSERT INTO attempts (email, factor, client, wrong, retry_at, expires_at)"
    " SELECT email, factor, '', wrong, retry_at, retry_at + 7776000"
    ' FROM wrong_tries JOIN users ON number = "user"',
    "DROP TABLE wrong_tries",
    "CREATE INDEX attempts_by_retry ON attempts (retry_at)",
    "CREATE INDEX attempts_by_expiry ON attempts (expires_at)",
    "ALTER TABLE mails_sent ADD COLUMN client TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX outbox_by_expiry ON outbox (expires_at)",
    "CREATE INDEX outbox_to_deliver ON outbox (claimed_until) WHERE sealed IS NOT NULL",
    # When the session last proved a factor other than e-mail, which replaces the name of that factor.
    "ALTER TABLE sessions ADD COLUMN proved_at INTEGER",
    "UPDATE sessions SET proved_at = created_at WHERE factor <> 'email'",
    "ALTER TABLE sessions DROP COLUMN factor",
    # How often the session was refreshed, and when last: a token of an earlier refresh is retired.
    "ALTER TABLE sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN refreshed_at INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE passkeys (
        id TEXT PRIMARY KEY,
        user_number INTEGER NOT NULL REFERENCES users,
        credential_id BLOB NOT NULL UNIQUE,
        data BLOB NOT NULL,
        sign_count INTEGER NOT NULL,
        transports TEXT NOT NULL,
        origin TEXT NOT NULL,
        user_agent TEXT,
        alias TEXT,
        created_at INTEGER NOT NULL,
        used_at INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX passkeys_by_user ON passkeys (user_number)",
    """
    CREATE TABLE passkey_challenges (
        challenge TEXT PRIMARY KEY,
        purpose TEXT NOT NULL,
        origin TEXT NOT NULL,
        rp_id TEXT NOT NULL,
        session TEXT REFERENCES sessions ON DELETE CASCADE,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX passkey_challenges_by_expiry ON passkey_challenges (expires_at)",
    "CREATE INDEX passkey_challenges_by_session ON passkey_challenges (session)",
    """
    CREATE TABLE signing_keys (
        number INTEGER PRIMARY KEY CHECK (number = 1),
        sealed BLOB NOT NULL
    ) STRICT
    """,
    # The fields of the user that only the web app reads, as JSON.
    "ALTER TABLE users ADD COLUMN profile TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE users ADD COLUMN username TEXT",
    "CREATE UNIQUE INDEX users_by_username ON users (username)",
    # The digests identify the link that the terminal shows, and the page that has opened it.
    """
    CREATE TABLE handoffs (
        session TEXT PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,
        link BLOB NOT NULL UNIQUE,
        page BLOB UNIQUE,
        ceremony TEXT NOT NULL,
        origin TEXT NOT NULL,
        code TEXT NOT NULL,
        terminal TEXT NOT NULL,
        options TEXT NOT NULL,
        state TEXT NOT NULL,
        response TEXT,
        user_agent TEXT,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX handoffs_by_expiry ON handoffs (expires_at)",
)

VERSIONS = (_VERSION_1, _VERSION_2)
"""The statements of each version. A new database runs all of them, an older one those that it lacks. Those of a
released version never change."""

SIGNING_KEY_VERSION = 2
"""The version that needs a key to sign tokens with, which a statement cannot make."""

VERSION = len(VERSIONS)
"""Stored in the database. A database with a higher version is not opened."""
