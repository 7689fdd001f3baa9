//! Ctrl-C and SIGTERM: the first ends the command cleanly, the second at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{future, io};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;

/// Tells when the user or the batch system wants the command to end.
///
/// A command that nobody told otherwise is dropped then, which ends it: its calls may have arrived, and its files are as
/// they were. One that has work to finish [waits](Self::wanted) for the wish itself.
#[derive(Debug)]
pub struct Interrupt {
    wish: watch::Receiver<Option<Exit>>,
    is_awaited: AtomicBool,
}

impl Interrupt {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        let (sender, wish) = watch::channel(None);
        let (mut ctrl_c, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::spawn(async move {
            loop {
                let exit = tokio::select! {
                    _ = ctrl_c.recv() => Exit::Interrupted,
                    _ = term.recv() => Exit::Terminated,
                };
                if sender.send_replace(Some(exit)).is_some() {
                    process::exit(exit.code().into());
                }
            }
        });
        Ok(Self { wish, is_awaited: AtomicBool::new(false) })
    }

    /// Waits until the command shall end, and returns the code to end with.
    ///
    /// From the call on, the command is not dropped: it ends itself.
    pub fn wanted(&self) -> impl Future<Output = Exit> + Send + 'static {
        self.is_awaited.store(true, Ordering::Relaxed);
        let mut wish = self.wish.clone();
        async move { next(&mut wish).await }
    }

    /// Waits until the command shall end and does not do so itself.
    pub async fn unheard(&self) -> Exit {
        let exit = next(&mut self.wish.clone()).await;
        if self.is_awaited.load(Ordering::Relaxed) { future::pending().await } else { exit }
    }
}

async fn next(wish: &mut watch::Receiver<Option<Exit>>) -> Exit {
    loop {
        if let Some(exit) = *wish.borrow_and_update() {
            return exit;
        }
        if wish.changed().await.is_err() {
            future::pending::<()>().await;
        }
    }
}
