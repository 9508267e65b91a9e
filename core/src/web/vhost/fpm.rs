//! A pool of PHP-FPM for a homepage (<https://www.php.net/manual/en/install.fpm.configuration.php>): its programs run as a user of
//! their own, and open files below its folder only.

use super::{Machine, PhpVersion, user_of};

/// The pool of the homepages in a folder.
pub(super) fn pool(folder: &str, version: PhpVersion, machine: &Machine) -> String {
    let (user, dir) = (user_of(folder), format!("{}/{folder}", machine.site_dir));
    let socket = machine.socket(folder, version);
    format!(
        "; {folder} with PHP {version}, made by hostler render web: what is changed here is lost.
[{user}-{version}]
user = {user}
group = {user}
listen = {socket}
listen.owner = www-data
listen.group = www-data
listen.mode = 0660
pm = ondemand
pm.max_children = 8
pm.process_idle_timeout = 30s
pm.max_requests = 500
chdir = /
catch_workers_output = yes
security.limit_extensions = .php
php_admin_value[open_basedir] = {dir}/
php_admin_value[upload_tmp_dir] = {dir}/tmp
php_admin_value[sys_temp_dir] = {dir}/tmp
php_admin_value[session.save_path] = {dir}/tmp
php_admin_value[error_log] = {dir}/log/php.log
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
"
    )
}
