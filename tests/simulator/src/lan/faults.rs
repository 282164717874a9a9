//! What can go wrong: with the network, with a machine, with its disk

use std::time::Duration;

use lanchat_protocol::Input;

use super::{HostId, Lan};
use crate::{
    disk::{Disk, DiskCopy},
    weather::Weather,
};

impl Lan {
    /// Changes the weather for whatever is sent from here on
    pub fn set_weather(&mut self, weather: Weather) {
        self.network.set_weather(weather);
    }

    /// Changes the weather of one direction between two hosts, until the network heals
    pub fn set_link(&mut self, from: HostId, to: HostId, weather: Weather) {
        self.network.set_link(from, to, weather);
    }

    /// Only hosts in the same group hear each other; hosts in no group hear everybody
    pub fn partition(&mut self, groups: &[&[HostId]]) {
        self.network.heal();
        for (index, group) in groups.iter().enumerate() {
            let others = groups.iter().enumerate().filter(|(other, _)| *other != index);
            for to in others.flat_map(|(_, other)| *other) {
                group.iter().for_each(|from| self.network.cut(*from, *to));
            }
        }
    }

    /// What `from` sends does not reach `to`
    pub fn cut_one_way(&mut self, from: HostId, to: HostId) {
        self.network.cut(from, to);
    }

    /// Everybody hears everybody again
    pub fn heal(&mut self) {
        self.network.heal();
    }

    /// The program of `host` is killed; the machine answers for it that its port is closed
    pub fn crash(&mut self, host: HostId) {
        let machine = &mut self.hosts[host];
        machine.node = None;
        if let Some(disk) = &mut machine.disk {
            disk.crash(&mut self.rng);
        }
        self.plan_call(host);
    }

    /// `host` sleeps for so long: it neither hears nor does anything
    pub fn suspend(&mut self, host: HostId, duration: Duration) {
        self.hosts[host].asleep_until = Some(self.now + duration);
        self.plan_call(host);
    }

    /// The wall clock of `host` jumps by so many milliseconds
    pub fn step_clock(&mut self, host: HostId, millis: i64) {
        self.hosts[host].step_clock(millis);
    }

    /// The cable of `host` is pulled
    pub fn unplug(&mut self, host: HostId) {
        self.hosts[host].is_plugged = false;
    }

    /// The cable of `host` is back, and its program sees that
    pub fn plug(&mut self, host: HostId) {
        self.hosts[host].is_plugged = true;
        self.input(host, Input::LinksChanged);
    }

    /// From here on the disk of `host` takes so long for a batch
    pub fn set_disk_latency(&mut self, host: HostId, latency: Duration) {
        self.disk(host).set_latency(latency);
    }

    /// What `host` wants to store from here on does not fit
    pub fn fill_disk(&mut self, host: HostId) {
        self.disk(host).fill(true);
    }

    /// There is room again on the disk of `host`
    pub fn clear_disk(&mut self, host: HostId) {
        self.disk(host).fill(false);
    }

    /// All that is on the disk of `host`
    pub fn copy_disk(&mut self, host: HostId) -> DiskCopy {
        self.disk(host).copy()
    }

    /// The database of `host`, which must not run, is replaced by an old copy, and nothing else that is on its disk
    pub fn restore_disk(&mut self, host: HostId, copy: &DiskCopy) {
        self.idle_disk(host).restore_database(copy);
    }

    /// Everything on the disk of `host`, which must not run, is replaced by an old copy: the machine went back in time
    ///
    /// Nobody can know then what was said since, and the places in the log that it took.
    pub fn restore_whole_disk(&mut self, host: HostId, copy: &DiskCopy) {
        self.idle_disk(host).restore_all(copy);
        self.wiretap.excuse(self.hosts[host].key);
    }

    /// The database of `host`, which must not run, is gone
    pub fn lose_disk(&mut self, host: HostId) {
        self.idle_disk(host).restore_database(&DiskCopy::default());
    }

    fn disk(&mut self, host: HostId) -> &mut Disk {
        match &mut self.hosts[host].disk {
            Some(disk) => disk,
            None => panic!("host {host} has no disk"),
        }
    }

    fn idle_disk(&mut self, host: HostId) -> &mut Disk {
        assert!(self.hosts[host].node.is_none(), "the program of host {host} still runs");
        self.disk(host)
    }
}
