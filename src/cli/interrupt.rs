//! Ctrl-C and SIGTERM: the first ends the command cleanly, the second at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{future, io};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use super::exit::Exit;

/// How long a command has to end that was dropped.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells when the user or the batch system wants the command to end.
///
/// A command that nobody told otherwise is dropped then, which ends it: its calls may have arrived, and its files are as
/// they were. One that has work to finish [waits](Self::wanted) for the wish itself.
#[derive(Debug)]
pub struct Interrupt {
    wish: watch::Receiver<Option<Exit>>,
    is_awaited: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        let (sender, wish) = watch::channel(None);
        let is_awaited = Arc::new(AtomicBool::new(false));
        let is_waited_for = Arc::clone(&is_awaited);
        let (mut ctrl_c, mut term) = (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        );
        tokio::spawn(async move {
            loop {
                let exit = tokio::select! {
                    _ = ctrl_c.recv() => Exit::Interrupted,
                    _ = term.recv() => Exit::Terminated,
                };
                if sender.send_replace(Some(exit)).is_some() {
                    process::exit(exit.code().into());
                }
                if !is_waited_for.load(Ordering::Relaxed) {
                    // A command that computes, or reads what does not answer, is not dropped before it comes back.
                    tokio::spawn(async move {
                        sleep(PATIENCE).await;
                        process::exit(exit.code().into());
                    });
                }
            }
        });
        Ok(Self { wish, is_awaited })
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
        if self.is_awaited.load(Ordering::Relaxed) {
            future::pending().await
        } else {
            exit
        }
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
