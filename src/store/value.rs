//! Values of the protocol as SQLite keeps them

use lanchat_protocol::{MessageId, PeerKey, WallTime};
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef},
};
use uuid::Uuid;

/// A `u64`, which SQLite does not have: moved down by 2^63, so that the order stays what it was
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide(pub(super) u64);

const HALF: u64 = 1 << 63;

impl Wide {
    /// As it stands in the database
    pub(super) fn signed(self) -> i64 {
        (self.0 ^ HALF).cast_signed()
    }
}

impl ToSql for Wide {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.signed().into())
    }
}

impl FromSql for Wide {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(|value| Self(value.cast_unsigned() ^ HALF))
    }
}

impl From<WallTime> for Wide {
    fn from(time: WallTime) -> Self {
        Self(time.as_unix_millis())
    }
}

/// So many bytes, neither more nor less
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blob<const LEN: usize>(pub(super) [u8; LEN]);

impl<const LEN: usize> ToSql for Blob<LEN> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl<const LEN: usize> FromSql for Blob<LEN> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; LEN]>::column_result(value).map(Self)
    }
}

impl From<&PeerKey> for Blob<32> {
    fn from(key: &PeerKey) -> Self {
        Self(*key.as_bytes())
    }
}

impl From<Blob<32>> for PeerKey {
    fn from(key: Blob<32>) -> Self {
        Self::from_bytes(key.0)
    }
}

impl From<MessageId> for Blob<16> {
    fn from(id: MessageId) -> Self {
        Self(id.as_uuid().into_bytes())
    }
}

impl From<Blob<16>> for MessageId {
    fn from(id: Blob<16>) -> Self {
        Self::from_uuid(Uuid::from_bytes(id.0))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn every_number_comes_back_and_in_order() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE numbers (number INTEGER) STRICT").unwrap();
        let numbers = [u64::MAX, 0, HALF, 1, HALF - 1];
        for number in numbers {
            db.execute("INSERT INTO numbers VALUES (?1)", [Wide(number)]).unwrap();
        }
        let mut query = db.prepare("SELECT number FROM numbers ORDER BY number").unwrap();
        let sorted: Vec<u64> = query
            .query_map([], |row| row.get::<_, Wide>(0))
            .unwrap()
            .map(|number| number.unwrap().0)
            .collect();
        assert_eq!(sorted, [0, 1, HALF - 1, HALF, u64::MAX]);
    }
}
